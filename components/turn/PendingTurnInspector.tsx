"use client"

import { oneLine, showControls } from "@/components/ui/text/showControls"
import type { Progress } from "@/lib/protocol/run"
import { TerminalText } from "./formats/terminal/TerminalText"
import { strings } from "./strings"
import { ValueSection } from "./ValueSection"

/** The pending turn: its tool, its arguments, and its text as it streams. */
export function PendingTurnInspector({ index, progress }: { index: number; progress: Progress }) {
  const name = progress.tool ?? progress.model ?? progress.kind
  const { waiting_for: waitingFor } = progress
  return (
    <section aria-label={strings.pendingTurn(index)} className="flex h-full min-h-0 flex-col">
      <header className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-3">
        <h2 className="min-w-0 truncate font-semibold">
          {strings.turn(index)}
          {name === undefined ? null : (
            <span className="font-normal text-ink-2"> · {oneLine(name, 120)}</span>
          )}
        </h2>
        <span className={`num ml-auto ${waitingFor === undefined ? "text-working" : "text-waiting"}`}>
          {waitingFor === undefined ? strings.inProgress : strings.waiting}
        </span>
      </header>
      <div className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto">
        {waitingFor === undefined ? null : (
          <p className="border-b border-l-2 border-line border-l-waiting px-3 py-2 text-waiting">
            {strings.waitingFor(showControls(waitingFor))}
          </p>
        )}
        {progress.prompt === undefined ? null : (
          <ValueSection name={strings.sections.prompt} value={progress.prompt} hint="prose" />
        )}
        {progress.parameters === undefined ? null : (
          <ValueSection name={strings.sections.parameters} value={progress.parameters} hint="output" />
        )}
        {progress.text === undefined ? null : (
          <div className="px-3 py-2">
            <TerminalText text={progress.text} pointer={undefined} />
          </div>
        )}
      </div>
    </section>
  )
}
