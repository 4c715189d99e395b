import { type Block, type Fields, isFields, type Message, otherFields } from "./Block"
import { message } from "./messages/readMessage"
import { textUnder } from "./notebookOutput"
import { readBlockList } from "./readBlock"

type Path = readonly string[]

/** Reads a Jupyter notebook, one of its cells, or the outputs of a cell. Returns undefined for any other value. */
export function readNotebook(fields: Fields): readonly Message[] | undefined {
  const cell = readCell(fields, [])
  if (cell !== undefined) return [cell]
  if (Array.isArray(fields.cells) && fields.cells.length > 0) {
    const cells = fields.cells.map((item: unknown, at) =>
      isFields(item) ? readCell(item, ["cells", String(at)]) : undefined,
    )
    if (!cells.every((one) => one !== undefined)) return undefined
    const extra = otherFields(fields, ["cells"])
    return Object.keys(extra).length === 0 ? cells : [...cells, message(undefined, [], [], extra)]
  }
  const outputs = readOutputs(fields, [])
  return outputs && [message(undefined, outputs, [], otherFields(fields, ["outputs"]))]
}

/** Reads a cell: its code and outputs, or its text. */
function readCell(fields: Fields, path: Path): Message | undefined {
  const source = typeof fields.cell_type === "string" ? textUnder(fields, "source", path) : undefined
  if (source === undefined) return undefined
  if (fields.cell_type !== "code") {
    const text: Block = { kind: "text", ...source, path, extra: {} }
    return message(undefined, [text], path, otherFields(fields, ["source", "cell_type", "id"]))
  }
  const code: Block = {
    ...{ kind: "call", name: "code", args: source.text, argsPath: source.textPath, path },
    ...(source.lines && { lines: source.lines }),
    extra: {},
  }
  const outputs = readOutputs(fields, path)
  const used = ["source", "cell_type", "id", ...(outputs === undefined ? [] : ["outputs"])]
  return message(undefined, [code, ...(outputs ?? [])], path, otherFields(fields, used))
}

/** Returns the outputs if each of them is known. */
function readOutputs({ outputs }: Fields, path: Path): readonly Block[] | undefined {
  const isNotebook = Array.isArray(outputs) && outputs.every((one) => isFields(one) && "output_type" in one)
  return isNotebook ? readBlockList(outputs, [...path, "outputs"]) : undefined
}
