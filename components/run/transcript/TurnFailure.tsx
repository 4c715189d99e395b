"use client"

import { strings } from "@/components/run/strings"
import { readStreams } from "@/components/turn/formats/streams/readStreams"
import { ExitCode } from "@/components/turn/formats/streams/StreamsView"
import { OmittedSection } from "@/components/turn/moreSections"
import { omittedFields } from "@/components/turn/turnCuts"
import type { FullTurn } from "@/components/turn/useFullTurn"
import type { RunTurn } from "@/lib/protocol/turn"
import { shortArguments } from "./callArguments"
import { hasStreams } from "./callEntry"
import { FoldedValue } from "./FoldedValue"

const TEXT = strings.transcript

/** The exit code, the error, the verdict, and fields that weren't sent with the turn. */
export function TurnFailure({ turn, full }: { turn: RunTurn; full: FullTurn }) {
  const { error, exit_code: exitCode, output, cli_outcome: outcome, verifier_verdict: verdict } = turn
  const showsExit = [output, hasStreams(turn) ? outcome : undefined].some(
    (value) => readStreams(value)?.exitCode !== undefined,
  )
  return (
    <>
      {exitCode === undefined || showsExit ? null : <ExitCode code={exitCode} />}
      {error === undefined ? null : (
        <div className="border-l-2 border-error pl-2">
          <p className="num text-small font-medium text-error">
            {TEXT.error}
            {error.type === undefined ? "" : ` · ${error.type}`}
          </p>
          <FoldedValue
            turn={turn}
            entry={{ field: "error", value: error.message, hint: "output", pointer: "/error/message" }}
            full={full}
          />
        </div>
      )}
      {verdict === "not_run" || verdict === null ? null : (
        <p dir="ltr" className="num wrap-anywhere text-ink-2">
          <span className="pr-1.5 text-ink-3">{TEXT.verdict}</span>
          {shortArguments(verdict)}
        </p>
      )}
      {omittedFields(turn).map(({ field, bytes }) => (
        <OmittedSection key={field} field={field} bytes={bytes} full={full} />
      ))}
    </>
  )
}
