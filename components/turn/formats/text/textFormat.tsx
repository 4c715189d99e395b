import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { PlainText } from "./PlainText"

export const textFormat: Format = {
  id: "text",
  name: strings.formats.text,
  detect: ({ json }) => (json === undefined ? "best" : "possible"),
  Body: ({ input, pointer }) => <PlainText text={input.text} pointer={pointer} />,
}
