"use client"

import * as Primitive from "radix-ui/tabs"
import type { ReactNode } from "react"

export type Tab = { id: string; label: ReactNode; body: ReactNode }
export type TabsProps = {
  /** The accessible name of the tab list. */
  label: string
  tabs: readonly Tab[]
  value: string
  onChange: (id: string) => void
  className?: string
}

/** Tabs. Only the selected panel is rendered. */
export function Tabs({ label, tabs, value, onChange, className }: TabsProps) {
  return (
    <Primitive.Root value={value} onValueChange={onChange} className={className ?? "flex min-h-0 flex-col"}>
      <Primitive.List
        aria-label={label}
        className="flex shrink-0 gap-3 overflow-x-auto border-b border-line px-3"
      >
        {tabs.map((tab) => (
          <Primitive.Trigger
            key={tab.id}
            value={tab.id}
            className="-mb-px h-row border-b-2 border-transparent whitespace-nowrap text-ink-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:text-ink"
          >
            {tab.label}
          </Primitive.Trigger>
        ))}
      </Primitive.List>
      {tabs.map((tab) => (
        <Primitive.Content key={tab.id} value={tab.id} className="min-h-0 flex-1 outline-none">
          {tab.body}
        </Primitive.Content>
      ))}
    </Primitive.Root>
  )
}
