import { readPicture } from "@/components/turn/formats/image/readPicture"
import { joinLines } from "@/components/turn/formats/text/joinLines"
import { isStream } from "@/lib/trace/exitCode"
import { type Block, type Fields, isFields, otherFields } from "./Block"

type Path = readonly string[]

const TEXT_TYPES = ["text/markdown", "text/plain", "text/latex", "text/html"]

/** Reads an output of a Jupyter notebook's cell. Texts may be lists of lines. */
export function readNotebookOutput(fields: Fields, path: Path): Block | undefined {
  switch (fields.output_type) {
    case "stream":
      return streamBlock(fields, path)
    case "error":
      return errorBlock(fields, path)
    case "execute_result":
    case "display_data":
    case "update_display_data":
      return isFields(fields.data) ? dataBlock(fields, fields.data, path) : undefined
    default:
      return undefined
  }
}

/** Returns the text under a key, which may be a list of lines. */
export function textUnder(
  fields: Fields,
  key: string,
  path: Path,
): { text: string; textPath: Path; lines?: readonly string[] } | undefined {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined
  if (!isStream(value)) return undefined
  const textPath = [...path, key]
  if (typeof value === "string") return { text: value, textPath }
  return { text: joinLines(value), textPath, lines: value }
}

function streamBlock(fields: Fields, path: Path): Block | undefined {
  const text = textUnder(fields, "text", path)
  if (text === undefined) return undefined
  const { name } = fields
  return {
    ...{ kind: "text", ...text, path },
    ...(typeof name === "string" && name !== "stdout" && { stream: name }),
    extra: otherFields(fields, ["output_type", "name", "text"]),
  }
}

/** Reads an error: its traceback, which includes its name and message, or else only the name and message. */
function errorBlock(fields: Fields, path: Path): Block {
  const traceback = textUnder(fields, "traceback", path)
  const words = [fields.ename, fields.evalue].filter((word) => typeof word === "string" && word !== "")
  const hasTraceback = traceback !== undefined && traceback.text !== ""
  const shown = hasTraceback ? traceback : { text: words.join(": "), textPath: undefined }
  return {
    ...{ kind: "result", name: undefined, isError: true, path },
    blocks: [{ kind: "text", ...shown, path, extra: {} }],
    extra: otherFields(fields, ["output_type", "traceback", ...(hasTraceback ? [] : ["ename", "evalue"])]),
  }
}

/** Shows a result in the first form that can be displayed: an image, text, or JSON. The other forms are listed. */
function dataBlock(fields: Fields, data: Fields, path: Path): Block | undefined {
  const at = [...path, "data"]
  const extra = (used: string): Fields => {
    const forms = otherFields(data, [used])
    return {
      ...otherFields(fields, ["output_type", "data"]),
      ...(Object.keys(forms).length === 0 ? {} : { data: forms }),
    }
  }
  for (const type of Object.keys(data)) {
    const picture = type.startsWith("image/") ? readPicture({ type, data: data[type] }) : undefined
    if (picture !== undefined)
      return { kind: "image", picture: { ...picture, path: [] }, path: [...at, type], extra: extra(type) }
  }
  for (const type of TEXT_TYPES) {
    const text = textUnder(data, type, at)
    if (text !== undefined) return { kind: "text", ...text, path, extra: extra(type) }
  }
  const json = "application/json"
  if (!Object.hasOwn(data, json)) return undefined
  return { kind: "value", value: data[json], path: [...at, json], extra: extra(json) }
}
