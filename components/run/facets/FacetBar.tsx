"use client"

import { X } from "lucide-react"
import { useMemo } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import type { RunTree } from "@/components/run/useRunTree"
import { buttonClass } from "@/components/ui/Button"
import { cx } from "@/components/ui/cx"
import { Menu, MenuCheck } from "@/components/ui/menu/Menu"
import { oneLine } from "@/components/ui/text/showControls"
import { describeKey, type Facet } from "@/lib/timeline/rows/turnFacets"
import { grouped } from "@/lib/trace/formatNumber"
import { outlineAt } from "@/lib/trace/view/OutlineList"

const TEXT = strings.facets
/** At most this many authors and models have a button. The others are in a menu. */
const MAX_AUTHORS = 6
const MAX_MODELS = 3

/** Toggle buttons that filter the turns: problems, tools, kinds, models, slow and costly turns. */
export function FacetBar({ tree }: { tree: RunTree }) {
  const { page } = useRunPageStore()
  const filter = useRunPageState((state) => state.filter)
  const sort = useRunPageState((state) => state.sort)
  const facets = useMemo(() => withSelected(tree.facets.facets, filter), [tree.facets, filter])
  const { shown, more } = useMemo(() => splitFacets(facets, filter), [facets, filter])
  if (facets.length === 0) return null
  const isFiltered = filter.length > 0
  return (
    <div className="flex min-h-9 shrink-0 items-center gap-2 border-b border-line px-3 max-sm:overflow-x-auto">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset can't be a flex container in all browsers */}
      <div
        role="group"
        aria-label={TEXT.label}
        className="flex min-w-0 flex-wrap items-center gap-1 py-1 max-sm:flex-nowrap"
      >
        {shown.map((facet) => (
          <FacetButton key={facet.key} facet={facet} isSelected={filter.includes(facet.key)} />
        ))}
        {more.length === 0 ? null : (
          <Menu
            trigger={
              <button type="button" className={buttonClass("ghost", "num h-6! px-1.5!")}>
                {TEXT.more(more.length)}
              </button>
            }
          >
            {more.map((facet) => (
              <MenuCheck
                key={facet.key}
                checked={filter.includes(facet.key)}
                onChange={() => page.toggleFacet(facet.key)}
              >
                <span className="num max-w-72 truncate">{oneLine(TEXT.title(facet), 120)}</span>
                <span className="num ml-auto pl-4 text-ink-3">{grouped(facet.count)}</span>
              </MenuCheck>
            ))}
          </Menu>
        )}
      </div>
      <span className="flex-1" />
      <ErrorPosition tree={tree} />
      {isFiltered || sort !== undefined ? (
        <span className="num flex shrink-0 items-center gap-1 whitespace-nowrap text-ink-2">
          {sort === undefined ? null : <span className="text-waiting">{strings.sort.notice(sort)}</span>}
          {isFiltered ? TEXT.shown(tree.list.indices.length, tree.cursor) : null}
          <button
            type="button"
            title={TEXT.clearTitle}
            onClick={() => {
              page.setFilter([])
              page.setSort(undefined, tree.cursor)
            }}
            className={buttonClass("ghost", "h-6! px-1.5!")}
          >
            <X className="size-3.5" aria-hidden="true" />
            {TEXT.clear}
          </button>
        </span>
      ) : null}
    </div>
  )
}

function FacetButton({ facet, isSelected }: { facet: Facet; isSelected: boolean }) {
  const { page } = useRunPageStore()
  return (
    <button
      type="button"
      aria-pressed={isSelected}
      title={TEXT.titles[facet.key] ?? oneLine(TEXT.title(facet), 256)}
      onClick={() => page.toggleFacet(facet.key)}
      className={cx(
        buttonClass("plain", "num h-6! max-w-56 px-1.5! font-normal!"),
        facet.group === "problem" ? "text-error" : "text-ink-2",
        "aria-pressed:border-accent aria-pressed:font-medium!",
      )}
    >
      <span className="truncate">{oneLine(TEXT.title(facet), 80)}</span> {grouped(facet.count)}
    </button>
  )
}

/** The selected turn's position among the errors. */
function ErrorPosition({ tree }: { tree: RunTree }) {
  const { runId } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const view = tree.views.get(runId)
  if (selected?.runId !== runId || view === undefined) return null
  if (outlineAt(view.outlines, selected.index)?.error !== true) return null
  let at = 0
  let of = 0
  for (let index = 0; index < tree.cursor; index++) {
    if (outlineAt(view.outlines, index)?.error !== true) continue
    of++
    if (index <= selected.index) at++
  }
  return <span className="num shrink-0 whitespace-nowrap text-error">{TEXT.errorPosition(at, of)}</span>
}

/** Adds selected facets that no turn has: a link may contain them, and the viewer must be able to remove them. */
function withSelected(facets: readonly Facet[], filter: readonly string[]): readonly Facet[] {
  const missing = filter.filter((key) => !facets.some((facet) => facet.key === key))
  return [...facets, ...missing.map((key): Facet => ({ key, count: 0, ...describeKey(key) }))]
}

function splitFacets(facets: readonly Facet[], filter: readonly string[]): { shown: Facet[]; more: Facet[] } {
  const room = { author: MAX_AUTHORS, model: MAX_MODELS }
  const shown: Facet[] = []
  const more: Facet[] = []
  for (const facet of facets) {
    const limited = facet.group === "author" || facet.group === "model" ? facet.group : undefined
    const fits = limited === undefined || room[limited]-- > 0
    if (fits || filter.includes(facet.key)) shown.push(facet)
    else more.push(facet)
  }
  // A menu with a single facet isn't worth it.
  return more.length === 1 ? { shown: [...facets], more: [] } : { shown, more }
}
