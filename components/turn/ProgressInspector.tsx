"use client"

import { oneLine, showControls } from "@/components/ui/text/showControls"
import type { Progress } from "@/lib/protocol/run"
import { TerminalText } from "./formats/terminal/TerminalText"
import { ValueView } from "./ValueView"

/** The turn being made: its tool, its arguments, its text as it streams. */
export function ProgressInspector({ index, progress }: { index: number; progress: Progress }) {
  const name = progress.tool ?? progress.model ?? progress.kind
  return (
    <section aria-label={`Turn ${index}, being made`} className="flex h-full min-h-0 flex-col">
      <header className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-3">
        <h2 className="min-w-0 truncate font-semibold">
          Turn {index}
          {name === undefined ? null : (
            <span className="font-normal text-ink-2"> · {oneLine(name, 120)}</span>
          )}
        </h2>
        {progress.waiting_for === undefined ? (
          <span className="num ml-auto text-working">being made</span>
        ) : (
          <span className="num ml-auto text-waiting">waiting</span>
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto">
        {progress.waiting_for === undefined ? null : (
          <p className="border-b border-line border-l-2 border-l-waiting px-3 py-2 text-waiting">
            Waits for: {showControls(progress.waiting_for)}
          </p>
        )}
        {progress.prompt === undefined ? null : (
          <ValueView name="Prompt" value={progress.prompt} leaning="markdown" />
        )}
        {progress.parameters === undefined ? null : (
          <ValueView name="Parameters" value={progress.parameters} />
        )}
        {progress.text === undefined ? null : (
          <div className="px-3 py-2">
            <TerminalText text={progress.text} />
          </div>
        )}
      </div>
    </section>
  )
}
