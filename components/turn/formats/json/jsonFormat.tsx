import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { JsonTree } from "./JsonTree"

export const jsonFormat: Format = {
  id: "json",
  name: strings.formats.json,
  detect: ({ json }) => (json === undefined ? "no" : "best"),
  Body: ({ input, pointer, query = "" }) => (
    <JsonTree
      value={input.json}
      query={query}
      // JSON pointers can't point inside a string of the turn.
      pointer={typeof input.value === "string" ? undefined : pointer}
    />
  ),
}
