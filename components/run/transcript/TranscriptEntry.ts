import type { TextHint } from "@/components/turn/formats/Format"
import type { RunTurn } from "@/lib/protocol/turn"

export type TranscriptRole = "human" | "model" | "tool" | "agent" | "system"

/** A value of a turn, as shown in the transcript. */
export type EntryValue = { field: keyof RunTurn; value: unknown; hint: TextHint; pointer: string | undefined }

/** Something said or done in a turn. */
export type TranscriptEntry =
  | { kind: "text"; role: TranscriptRole; content: EntryValue; isThinking: boolean }
  /** Messages of earlier turns that were sent to the model again with a prompt. */
  | { kind: "history"; role: TranscriptRole; content: EntryValue; count: number }
  | {
      kind: "call"
      role: TranscriptRole
      /** The shell command or the tool's name, if any. `args`: the remaining arguments in short form. */
      title: { command: string; args: string } | { tool: string; args: string } | { args: string }
      /** The parameters. Undefined if the title shows all of them. */
      parameters: EntryValue | undefined
      /** True if the parameters are shown like an output, because they are an edit or a long text. */
      isOpen: boolean
      output: EntryValue | undefined
      /** The output streams of the process, if the agent sent them in addition to the output. */
      streams: EntryValue | undefined
    }
