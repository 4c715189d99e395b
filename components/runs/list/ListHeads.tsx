const HEADS = ["state", "agent", "intent", "now · outcome", "turns", "time", "tokens", "cost", "started"]

/** The names of the list's columns; a row says each of them itself to a reader of screens. */
export function ListHeads() {
  return (
    <div
      aria-hidden="true"
      className="list-columns pb-0.5 pointer-coarse:pr-11 text-small text-ink-3 max-sm:hidden"
    >
      {HEADS.map((head, k) => (
        <span key={head} className={k >= 4 ? "text-right" : ""}>
          {head}
        </span>
      ))}
    </div>
  )
}
