"use client"

import { Settings2 } from "lucide-react"
import { useStore } from "zustand"
import { COLUMNS, type ColumnId } from "@/components/runs/grid/columns"
import { DEFAULT_PREFERENCES, runsPreferences } from "@/components/runs/runsPreferences"
import { strings } from "@/components/runs/strings"
import { Button } from "@/components/ui/Button"
import { useMedia, usePhone } from "@/components/ui/hooks/useMedia"
import { LazyMenu } from "@/components/ui/menu/LazyMenu"
import type { MenuEntry } from "@/components/ui/menu/MenuEntry"
import type { RunFilterUse } from "./useRunFilter"

const TEXT = strings.view
/** From this width on, every column can be shown. */
const WIDE = `(min-width: ${Math.max(...COLUMNS.map(({ from = 0 }) => from))}px)`
/** Columns that can't be hidden, because a row would be meaningless without them. */
const ALWAYS: readonly ColumnId[] = ["state", "intent", "now"]

/** Sets the order of the list, and its columns. */
export function ViewMenu({ order, setOrder }: Pick<RunFilterUse, "order" | "setOrder">) {
  const hidden = useStore(runsPreferences, (state) => state.hiddenColumns)
  const isPhone = usePhone()
  const isWide = useMedia(WIDE)
  const setHidden = (id: ColumnId, isHidden: boolean) => {
    const others = hidden.filter((one) => one !== id)
    runsPreferences.setState({ hiddenColumns: isHidden ? [...others, id] : others })
  }
  const { hiddenColumns, widths } = DEFAULT_PREFERENCES
  const sorts = COLUMNS.flatMap(({ id, sort }): MenuEntry[] => {
    if (sort === undefined) return []
    const onChange = (on: boolean) => setOrder(on ? { sort, order: "desc" } : undefined)
    return [{ kind: "check", content: strings.grid.columns[id], checked: order?.sort === sort, onChange }]
  })
  const columns = COLUMNS.filter(({ id }) => !ALWAYS.includes(id)).map(
    ({ id, from = 0 }): MenuEntry => ({
      kind: "check",
      content:
        from > 0 && !isWide ? (
          <>
            {strings.grid.columns[id]} <span className="text-ink-3">{TEXT.onlyWide}</span>
          </>
        ) : (
          strings.grid.columns[id]
        ),
      checked: !hidden.includes(id),
      onChange: (on) => setHidden(id, !on),
    }),
  )
  const wide: MenuEntry[] = [
    { kind: "line" },
    { kind: "label", text: TEXT.columns },
    ...columns,
    { kind: "line" },
    {
      kind: "item",
      content: <span className="pl-6">{TEXT.reset}</span>,
      onSelect: () => runsPreferences.setState({ hiddenColumns, widths }),
    },
  ]
  return (
    <LazyMenu
      trigger={
        <Button variant="ghost" className="border-line-strong font-normal">
          <Settings2 className="size-3.5 text-ink-3" aria-hidden="true" /> {TEXT.label}
        </Button>
      }
      entries={[
        { kind: "label", text: TEXT.sort },
        {
          kind: "check",
          content: TEXT.sections,
          checked: order === undefined,
          onChange: () => setOrder(undefined),
        },
        ...sorts,
        ...(isPhone ? [] : wide),
      ]}
    />
  )
}
