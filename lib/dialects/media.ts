import { asObject, asText, type JsonObject } from "./json"

/**
 * Returns a placeholder for an image or a document in a message, such as `[image/png, 4096 bytes]`, without its data.
 * Returns undefined for other parts. Reads the forms of Anthropic, OpenAI, Gemini and pi.
 */
export function mediaText(part: JsonObject | undefined): string | undefined {
  if (part === undefined) return undefined
  const inline = asObject(part.inlineData) ?? asObject(part.fileData)
  if (inline !== undefined) return mark(asText(inline.mimeType) ?? "file", asText(inline.data))
  if (part.type === "input_image") {
    const [, type, data] = /^data:([^;,]+);base64,(.*)$/s.exec(asText(part.image_url) ?? "") ?? []
    return mark(type ?? "image", data)
  }
  if (part.type !== "image" && part.type !== "document") return undefined
  const source = asObject(part.source) ?? part
  const type = asText(source.media_type) ?? asText(source.mimeType) ?? part.type
  return mark(type, asText(source.data))
}

function mark(type: string, data: string | undefined): string {
  return data === undefined ? `[${type}]` : `[${type}, ${Math.floor((data.length * 3) / 4)} bytes]`
}
