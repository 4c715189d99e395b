import { strings } from "@/components/turn/strings"

export type ShowMoreProps = { left: number; unit: "rows" | "entries"; onMore: () => void }

/** Shows how much isn't rendered yet, and renders more on request. */
export function ShowMore({ left, unit, onMore }: ShowMoreProps) {
  if (left <= 0) return null
  return (
    <button type="button" onClick={onMore} className="num mt-1 rounded-small text-accent hover:underline">
      {strings.showMore(left, unit)}
    </button>
  )
}
