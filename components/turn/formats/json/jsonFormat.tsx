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
      // Pointers refer to the turn's JSON, so they can't point inside a parsed string.
      pointer={typeof input.value === "string" ? undefined : pointer}
    />
  ),
}
