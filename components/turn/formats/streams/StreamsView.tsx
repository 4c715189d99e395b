"use client"

import { childPath } from "@/components/turn/formats/json/findInJson"
import { JsonTree } from "@/components/turn/formats/json/JsonTree"
import { TerminalText } from "@/components/turn/formats/terminal/TerminalText"
import { JoinedText } from "@/components/turn/formats/text/JoinedText"
import { strings } from "@/components/turn/strings"
import { cx } from "@/components/ui/cx"
import type { ProcessOutput } from "./readStreams"

export type StreamsViewProps = { output: ProcessOutput; pointer: string | undefined }

/**
 * The output streams of a process as terminal text, with its exit code: above them if it failed, so that it is visible
 * even if the output is long. Other fields are listed below.
 */
export function StreamsView({ output, pointer }: StreamsViewProps) {
  const { streams, exitCode, rest } = output
  const isLabeled = streams.some(({ name }) => name === "stderr")
  const exit = exitCode === undefined ? null : <ExitCode code={exitCode} />
  const hasFailed = exitCode !== undefined && exitCode !== 0
  return (
    <div className="flex flex-col gap-2">
      {hasFailed ? exit : null}
      {streams.length === 0 ? <p className="text-ink-3">{strings.streams.none}</p> : null}
      {streams.map(({ name, text, path, lines }) => {
        const at = pointer === undefined ? undefined : path.reduce(childPath, pointer)
        return (
          <div key={name} className={cx(name === "stderr" && "border-l-2 border-error/60 pl-2")}>
            {isLabeled ? <p className="num text-small text-ink-3">{name}</p> : null}
            {lines === undefined ? (
              <TerminalText text={text} pointer={at} />
            ) : (
              <JoinedText lines={lines} pointer={at}>
                {(part, partAt) => <TerminalText text={part} pointer={partAt} />}
              </JoinedText>
            )}
          </div>
        )
      })}
      {hasFailed ? null : exit}
      {Object.keys(rest).length === 0 ? null : <JsonTree value={rest} query="" pointer={pointer} />}
    </div>
  )
}

/** Shows `exit 1`. A code other than 0 is emphasized. */
export function ExitCode({ code }: { code: number }) {
  return (
    <p className={cx("num", code === 0 ? "text-ink-3" : "font-medium text-failure")}>
      {strings.streams.exit(code)}
    </p>
  )
}
