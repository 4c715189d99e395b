import type { TextHint } from "@/components/turn/formats/Format"
import type { RunTurn } from "@/lib/protocol/turn"

export type TranscriptRole = "human" | "model" | "tool" | "agent" | "system"

/** A value of a turn as the transcript shows it. */
export type EntryValue = { field: keyof RunTurn; value: unknown; hint: TextHint; pointer: string | undefined }

/** Something that was said or done in a turn. */
export type TranscriptEntry =
  | { kind: "words"; role: TranscriptRole; words: EntryValue; isThinking: boolean }
  /** Messages that the model was sent again with a prompt; earlier turns have them. */
  | { kind: "history"; role: TranscriptRole; words: EntryValue; count: number }
  | {
      kind: "call"
      role: TranscriptRole
      /** A shell command, or the tool's name; with its (other) arguments in short. */
      title: { command: string; args: string } | { tool: string; args: string }
      /** Set unless the title says it all. */
      parameters: EntryValue | undefined
      output: EntryValue | undefined
      /** What the process wrote, if the agent sent that beside the output. */
      streams: EntryValue | undefined
    }
