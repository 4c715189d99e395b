import { blocksFormat } from "./blocks/blocksFormat"
import { diffFormat } from "./diff/diffFormat"
import { editFormat } from "./edit/editFormat"
import type { Format, FormatInput } from "./Format"
import { imageFormat } from "./image/imageFormat"
import { jsonFormat } from "./json/jsonFormat"
import { markdownFormat } from "./markdown/markdownFormat"
import { streamsFormat } from "./streams/streamsFormat"
import { tableFormat } from "./table/tableFormat"
import { terminalFormat } from "./terminal/terminalFormat"
import { textFormat } from "./text/textFormat"
import { todoFormat } from "./todo/todoFormat"
import { toolsFormat } from "./tools/toolsFormat"

/** All formats. If several are best for a value, the first one is shown. */
const FORMATS: readonly Format[] = [
  imageFormat,
  // The definition of a tool looks like a call of it.
  toolsFormat,
  blocksFormat,
  streamsFormat,
  editFormat,
  todoFormat,
  tableFormat,
  jsonFormat,
  diffFormat,
  terminalFormat,
  markdownFormat,
  textFormat,
]

/** Returns the formats that can show a value, the default one first. */
export function formatsOf(input: FormatInput): readonly [Format, ...Format[]] {
  const best: Format[] = []
  const possible: Format[] = []
  for (const format of FORMATS) {
    const detected = format.detect(input)
    if (detected === "best") best.push(format)
    else if (detected === "possible") possible.push(format)
  }
  const [first = textFormat, ...rest] = [...best, ...possible]
  return [first, ...rest]
}
