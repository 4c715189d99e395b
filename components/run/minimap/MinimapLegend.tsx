import { strings } from "@/components/run/strings"
import { KIND_BARS } from "@/components/ui/state/KindMark"
import { TURN_KINDS } from "@/lib/protocol/enums"

const TEXT = strings.minimap
const MARKS = [
  ["bg-error", TEXT.error],
  ["bg-error/60", TEXT.exit],
  ["bg-waiting", TEXT.hit],
] as const

/** The meaning of the minimap's colors. Appears while the pointer is over the minimap. */
export function MinimapLegend({ byTurn }: { byTurn: boolean }) {
  return (
    <div
      aria-hidden="true"
      className="pointer-events-none absolute top-full right-3 z-20 hidden flex-wrap items-center gap-x-3 rounded border border-line-strong bg-overlay px-2 py-1 text-small text-ink-2 opacity-0 shadow-float transition-opacity delay-300 group-hover/minimap:opacity-100 sm:flex"
    >
      {TURN_KINDS.map((kind) => (
        <Entry key={kind} color={KIND_BARS[kind]} name={kind} />
      ))}
      {MARKS.map(([color, name]) => (
        <Entry key={name} color={color} name={name} />
      ))}
      <span className="text-ink-3">{byTurn ? TEXT.hintByTurn : TEXT.hint}</span>
    </div>
  )
}

function Entry({ color, name }: { color: string; name: string }) {
  return (
    <span className="flex items-center gap-1">
      <span className={`size-2 rounded-[2px] ${color}`} />
      {name}
    </span>
  )
}
