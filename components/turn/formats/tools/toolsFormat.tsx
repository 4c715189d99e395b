import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { readTools } from "./readTools"
import { ToolsView } from "./ToolsView"

export const toolsFormat: Format = {
  id: "tools",
  name: strings.formats.tools,
  detect: ({ json }) => (readTools(json) === undefined ? "no" : "best"),
  Body: ({ input }) => {
    const tools = readTools(input.json)
    return tools === undefined ? null : <ToolsView tools={tools} />
  },
}
