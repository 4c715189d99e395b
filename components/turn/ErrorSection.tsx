"use client"

import type { RunTurn } from "@/lib/protocol/turn"
import { FormatsContext } from "./formats/FormattedValue"
import { formatsOf } from "./formats/formats"
import { JsonTree } from "./formats/json/JsonTree"
import { strings } from "./strings"
import type { HitExcerpt } from "./text/hitOffset"
import { cutsOf } from "./turnCuts"
import type { FullTurn } from "./useFullTurn"
import { ValueSection } from "./ValueSection"

export type ErrorSectionProps = {
  turn: RunTurn
  error: NonNullable<RunTurn["error"]>
  full: FullTurn
  hit: HitExcerpt | undefined
}

/** The error of a turn: the agent's message, its type, and any other details that the agent sent. */
export function ErrorSection({ turn, error, full, hit }: ErrorSectionProps) {
  const { message, type, ...rest } = error
  const cuts = cutsOf(turn, "error")
  return (
    <div className="border-l-2 border-l-error">
      <ValueSection
        name={strings.sections.error}
        field="error"
        value={message}
        hint="output"
        pointer="/error/message"
        cuts={cuts}
        loadFull={async () => (await full.load())?.error?.message}
        loadError={cuts.size > 0 && typeof full.state === "object" ? full.state.error.message : undefined}
        hit={hit}
      >
        {type === undefined ? null : <span className="num min-w-0 truncate text-error">{type}</span>}
      </ValueSection>
      {Object.keys(rest).length === 0 ? null : (
        <div className="border-b border-line px-3 pb-3">
          <FormatsContext value={formatsOf}>
            <JsonTree value={rest} query="" pointer="/error" />
          </FormatsContext>
        </div>
      )}
    </div>
  )
}
