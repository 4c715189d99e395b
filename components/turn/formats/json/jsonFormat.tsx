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
      // Inside a string that was parsed, there are no pointers of the turn.
      pointer={typeof input.value === "string" ? undefined : pointer}
    />
  ),
}
