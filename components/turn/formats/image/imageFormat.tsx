import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { Picture } from "./Picture"
import { readPicture } from "./readPicture"

export const imageFormat: Format = {
  id: "image",
  name: strings.formats.image,
  // Objects that contain an image are content blocks, which also show the other fields.
  detect: ({ value }) => (typeof value === "string" && readPicture(value) !== undefined ? "best" : "no"),
  Body: ({ input, pointer }) => {
    const picture = readPicture(input.value)
    return picture === undefined ? null : <Picture picture={picture} pointer={pointer} />
  },
}
