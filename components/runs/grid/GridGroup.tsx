// biome-ignore-all lint/a11y/useSemanticElements: the grid isn't a table, see GridRow
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus
"use client"

import { ChevronDown } from "lucide-react"
import type { ReactNode } from "react"
import type { RunOrder } from "@/components/runs/filters/PageFilter"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { cx } from "@/components/ui/cx"
import { grouped } from "@/lib/trace/formatNumber"
import type { RunSection } from "@/lib/trace/state/runSection"

const COLORS: Record<RunSection, string> = {
  "needs-you": "text-waiting",
  trouble: "text-failure",
  working: "text-working",
  idle: "text-ink-2",
  ended: "text-ink-2",
}

export type GroupFrameProps = {
  section: RunSection | undefined
  height: number
  children: ReactNode
}

/** A group of rows, which are absolutely positioned in it below its header. */
export function GroupFrame({ section, height, children }: GroupFrameProps) {
  // Not a rowgroup, because rowgroups can't be nested and the in-progress sections share one.
  return (
    <div role="none" data-section={section} className="relative" style={{ height }}>
      {children}
    </div>
  )
}

export type SectionHeaderProps = {
  section: RunSection
  count: number
  /** True if more runs haven't been loaded, so that the count is a minimum. */
  isMinimum: boolean
  /** How many runs in trouble are in the section of runs that need the user. */
  elsewhere: number
  isFolded: boolean
  rowIndex: number
  id: string
  isActive: boolean
  onFold: (section: RunSection) => void
}

/** The name and size of a section. Stays visible while the section is scrolled. Folds the section on click. */
export function SectionHeader(props: SectionHeaderProps) {
  const { section, count, isMinimum, elsewhere, isFolded, rowIndex, id, isActive, onFold } = props
  const name = strings.grid.sections[section]
  const label = (isFolded ? strings.grid.unfoldSection : strings.grid.foldSection)(name, count)
  return (
    <HeaderRow id={id} rowIndex={rowIndex} isActive={isActive}>
      <button
        type="button"
        tabIndex={-1}
        aria-expanded={!isFolded}
        aria-label={label}
        title={label}
        onClick={() => onFold(section)}
        className="flex h-full items-center gap-1.5 pr-3 pl-3"
      >
        <ChevronDown
          className={cx("size-3.5 text-ink-3 transition-transform", isFolded && "-rotate-90")}
          aria-hidden="true"
        />
        <span className={cx("font-semibold", COLORS[section])}>{name}</span>{" "}
        <span className="num text-ink-3">
          {grouped(count)}
          {isMinimum ? "+" : ""}
        </span>
      </button>
      {elsewhere > 0 ? (
        <span className="text-small text-ink-3">{strings.grid.moreInNeedsYou(elsewhere)}</span>
      ) : null}
    </HeaderRow>
  )
}

export type SortedHeaderProps = { order: RunOrder; rowIndex: number; onClear: () => void }

/** Shows that the list is sorted and has no sections. */
export function SortedHeader({ order, rowIndex, onClear }: SortedHeaderProps) {
  return (
    <HeaderRow rowIndex={rowIndex} isActive={false}>
      <span className="flex h-full items-center gap-3 pr-3 pl-6">
        <span>{strings.grid.sortedBy(order.sort, order.order)}</span>
        <Button variant="ghost" tabIndex={-1} className="h-6!" onClick={onClear}>
          {strings.grid.backToSections}
        </Button>
      </span>
    </HeaderRow>
  )
}

type HeaderRowProps = { id?: string; rowIndex: number; isActive: boolean; children: ReactNode }

function HeaderRow({ id, rowIndex, isActive, children }: HeaderRowProps) {
  return (
    <div
      role="row"
      id={id}
      aria-rowindex={rowIndex}
      data-active={isActive || undefined}
      className="run-section-head sticky z-10 h-row border-b border-line bg-surface"
    >
      <span role="gridcell" aria-colindex={1} className="flex h-full items-center">
        {children}
      </span>
    </div>
  )
}
