"use client"

import { Check } from "lucide-react"
import * as Primitive from "radix-ui/dropdown-menu"
import type { ReactNode } from "react"

export type MenuProps = { trigger: ReactNode; children: ReactNode; defaultOpen?: boolean }

/** A menu below the control that opens it. `trigger` must accept a ref. */
export function Menu({ trigger, children, defaultOpen = false }: MenuProps) {
  return (
    <Primitive.Root modal={false} defaultOpen={defaultOpen}>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          align="end"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-(--radix-dropdown-menu-content-available-height) min-w-44 overflow-y-auto rounded border border-line-strong bg-overlay p-1 text-list shadow-float outline-none animate-rise"
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  )
}

const ITEM =
  "flex h-row cursor-pointer items-center gap-2 rounded-small px-2 outline-none select-none data-[highlighted]:bg-selected data-[disabled]:opacity-50 [&_svg]:size-4 [&_svg]:shrink-0"

export type MenuItemProps = {
  onSelect: () => void
  children: ReactNode
  hint?: ReactNode
  disabled?: boolean
}

export function MenuItem({ onSelect, children, hint, disabled = false }: MenuItemProps) {
  return (
    <Primitive.Item className={ITEM} onSelect={onSelect} disabled={disabled}>
      {children}
      {hint === undefined ? null : <span className="ml-auto pl-4 text-ink-3">{hint}</span>}
    </Primitive.Item>
  )
}

export type MenuCheckProps = { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }

/** A menu item with a checkbox. Selecting it keeps the menu open. */
export function MenuCheck({ checked, onChange, children }: MenuCheckProps) {
  return (
    <Primitive.CheckboxItem
      className={ITEM}
      checked={checked}
      onCheckedChange={onChange}
      onSelect={(event) => event.preventDefault()}
    >
      <span className="flex w-4 justify-center">
        <Primitive.ItemIndicator>
          <Check />
        </Primitive.ItemIndicator>
      </span>
      {children}
    </Primitive.CheckboxItem>
  )
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Primitive.Label className="px-2 py-1 text-small text-ink-3">{children}</Primitive.Label>
}

export function MenuLine() {
  return <Primitive.Separator className="my-1 h-px bg-line" />
}
