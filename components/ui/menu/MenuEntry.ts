import type { ComponentProps, ReactElement, ReactNode } from "react"

export type MenuEntry =
  | { kind: "label"; text: string }
  | { kind: "line" }
  | { kind: "item"; content: ReactNode; onSelect: () => void; hint?: ReactNode; disabled?: boolean }
  | { kind: "check"; content: ReactNode; checked: boolean; onChange: (checked: boolean) => void }

export type LazyMenuProps = {
  /** A button that accepts a ref. */
  trigger: ReactElement<ComponentProps<"button">>
  entries: readonly MenuEntry[]
}
