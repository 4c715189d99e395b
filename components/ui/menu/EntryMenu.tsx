"use client"

import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from "./Menu"
import type { LazyMenuProps, MenuEntry } from "./MenuEntry"

/** The menu of a `LazyMenu`. It is initially open, because it is loaded when the user opens it. */
export function EntryMenu({ trigger, entries }: LazyMenuProps) {
  return (
    <Menu trigger={trigger} defaultOpen>
      {entries.map((entry, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: entries have no ids
        <Entry key={at} entry={entry} />
      ))}
    </Menu>
  )
}

function Entry({ entry }: { entry: MenuEntry }) {
  switch (entry.kind) {
    case "label":
      return <MenuLabel>{entry.text}</MenuLabel>
    case "line":
      return <MenuLine />
    case "check": {
      const { content, checked, onChange } = entry
      return (
        <MenuCheck checked={checked} onChange={onChange}>
          {content}
        </MenuCheck>
      )
    }
    case "item": {
      const { kind: _, content, ...item } = entry
      return <MenuItem {...item}>{content}</MenuItem>
    }
  }
}
