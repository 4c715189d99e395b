import type { Format } from "@/components/turn/formats/Format"
import { strings } from "@/components/turn/strings"
import { isFlatTable, TableView } from "./TableView"

export const tableFormat: Format = {
  id: "table",
  name: strings.formats.table,
  detect: ({ json }) => (isFlatTable(json) ? "best" : "no"),
  Body: ({ input }) => (isFlatTable(input.json) ? <TableView rows={input.json} /> : null),
}
