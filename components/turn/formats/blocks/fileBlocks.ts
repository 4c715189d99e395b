import type { Picture } from "@/components/turn/formats/image/readPicture"
import { type Block, type Fields, isFields, otherFields, textAt } from "./Block"

type Path = readonly string[]

const IMAGE_KEYS = ["type", "mimeType", "mime_type", "media_type", "mediaType", "format"]
const FILE_KEYS = [
  ...["type", "resource", "title", "name", "filename"],
  ...["mimeType", "mime_type", "media_type", "mediaType"],
]
const MAX_LABEL_CHARS = 300
/** Anything longer isn't a link, but inline data that wasn't recognized as an image. */
const MAX_LINK_CHARS = 4_096

/** Reads an image whose data is in the block. */
export function imageBlock(fields: Fields, picture: Picture, path: Path): Block {
  return { kind: "image", picture, path, extra: fieldsBeside(fields, picture.path) }
}

/** Returns the fields next to an image's data, at every level of nesting. */
function fieldsBeside(fields: Fields, [key = "", ...rest]: Path): Fields {
  const own = otherFields(fields, [key, ...IMAGE_KEYS])
  const inner = fields[key]
  const nested = rest.length > 0 && isFields(inner) ? fieldsBeside(inner, rest) : {}
  return Object.keys(nested).length === 0 ? own : { ...own, [key]: nested }
}

/** Reads an image that is stored elsewhere. It isn't loaded; only its address or id is shown. */
export function remoteImageBlock(fields: Fields, path: Path): Block | undefined {
  const holderKey = ["source", "image_url", "image_file", "image"].find((key) => isFields(fields[key]))
  const inner = holderKey === undefined ? fields : fields[holderKey]
  const holder = isFields(inner) ? inner : fields
  const link = textAt(holder, "url", "image_url", "image", "uri", "file_id", "fileId", "file_uri")
  if (link === undefined || link.text.length > MAX_LINK_CHARS) return undefined
  const used = ["type", holder === fields ? link.key : (holderKey ?? "")]
  return {
    ...{ kind: "file", name: "image", type: undefined, link: link.text, isPicture: true, path },
    extra: {
      ...otherFields(fields, used),
      ...(holder === fields ? {} : otherFields(holder, ["type", link.key])),
    },
  }
}

/** Reads a file or a document: its text if it has any, otherwise its name and link. */
export function fileBlock(fields: Fields, path: Path): Block | undefined {
  const document = textDocument(fields, path)
  if (document !== undefined) return document
  const resource = isFields(fields.resource) ? fields.resource : fields
  const at = resource === fields ? path : [...path, "resource"]
  const text = textAt(resource, "text")
  if (text !== undefined) {
    const shown = { kind: "text" as const, text: text.text, textPath: [...at, "text"], path }
    const outer = resource === fields ? {} : otherFields(fields, ["type", "resource"])
    return { ...shown, extra: { ...otherFields(resource, ["type", "text"]), ...outer } }
  }
  const name = textAt(resource, "title", "name", "filename", "uri", "url")?.text ?? String(fields.type)
  const type = textAt(resource, "mimeType", "mime_type", "media_type", "mediaType")?.text
  const link = textAt(resource, "uri", "url", "file_url")
  const description = textAt(resource, "description")
  // The label shows short links.
  const isShown = link !== undefined && link.text.length <= MAX_LABEL_CHARS
  const used = [...FILE_KEYS, ...(isShown ? [link.key] : []), ...(description ? [description.key] : [])]
  return {
    ...{ kind: "file", name, type, link: link?.text, path },
    ...(description && { description: description.text, descriptionPath: [...at, description.key] }),
    extra: { ...otherFields(resource, used), ...(resource === fields ? {} : otherFields(fields, used)) },
  }
}

/** Reads a document whose text is in its source. */
function textDocument(fields: Fields, path: Path): Block | undefined {
  const source = isFields(fields.source) && fields.source.type === "text" ? fields.source : {}
  const body = textAt(source, "data")
  if (body === undefined) return undefined
  return {
    ...{ kind: "text", text: body.text, textPath: [...path, "source", "data"], path },
    extra: { ...otherFields(fields, ["type", "source"]), ...otherFields(source, ["type", "data"]) },
  }
}
