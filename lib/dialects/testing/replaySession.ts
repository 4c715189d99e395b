import { createHash } from "node:crypto"
import type {
  DialectTurn,
  EndOperation,
  Operation,
  StartOperation,
  WaitOperation,
} from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionInput, SessionOptions } from "@/lib/dialects/session"

export const TEST_OPTIONS: SessionOptions = {
  home: "/home/ada",
  digest: (text) => createHash("sha256").update(text).digest("hex"),
}

export type Replayed = {
  operations: Operation[]
  start: StartOperation | undefined
  turns: DialectTurn[]
  end: EndOperation | undefined
  /** What the run is waiting for at the end. */
  waiting: WaitOperation["waiting"]
}

/** Feeds records and other inputs to a reducer, in order. Plain objects without a `kind` are records. */
export function replaySession<State>(
  reducer: Reducer<State, SessionInput>,
  inputs: readonly (SessionInput | object)[],
  now = 0,
): Replayed {
  let state = reducer.initial()
  const operations: Operation[] = []
  for (const input of inputs) {
    const reduction = reducer.reduce(state, isInput(input) ? input : { kind: "record", record: input }, now)
    state = reduction.state
    operations.push(...reduction.operations)
  }
  return {
    operations,
    start: operations.find((operation) => operation.op === "start"),
    turns: operations.flatMap((operation) => (operation.op === "turn" ? [operation.turn] : [])),
    end: operations.findLast((operation) => operation.op === "end"),
    waiting: operations.findLast((operation) => operation.op === "wait")?.waiting ?? null,
  }
}

function isInput(input: SessionInput | object): input is SessionInput {
  return "kind" in input
}
