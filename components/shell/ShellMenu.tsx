"use client"

import { Keyboard, LogIn, LogOut, Menu as MenuIcon, Monitor, Moon, Sun } from "lucide-react"
import { useStore } from "zustand"
import { IconButton } from "@/components/ui/IconButton"
import { LazyMenu } from "@/components/ui/menu/LazyMenu"
import type { MenuEntry } from "@/components/ui/menu/MenuEntry"
import { useSession } from "@/lib/live/hooks/useConnection"
import { pagePath } from "@/lib/live/pagePath"
import { shell } from "./shellStore"
import { strings } from "./strings"
import { readTheme, setTheme, type Theme } from "./theme"

const TEXT = strings.menu

/** Theme, keyboard shortcuts and sign-out. */
export function ShellMenu() {
  const session = useSession()
  const singleKeys = useStore(shell, (state) => state.singleKeys)
  const item = (icon: React.ReactNode, text: string, onSelect: () => void): MenuEntry & { kind: "item" } => ({
    kind: "item",
    content: (
      <>
        {icon} {text}
      </>
    ),
    onSelect,
  })
  const themeItem = (icon: React.ReactNode, theme: Theme): MenuEntry => ({
    ...item(icon, TEXT[theme], () => setTheme(theme)),
    hint: <ThemeMark theme={theme} />,
  })
  const signedIn: MenuEntry[] =
    session === undefined ? [] : [{ kind: "label", text: TEXT.signedInAs(session.name) }]
  const entries: MenuEntry[] = [
    { kind: "label", text: TEXT.theme },
    themeItem(<Monitor />, "system"),
    themeItem(<Sun />, "light"),
    themeItem(<Moon />, "dark"),
    { kind: "line" },
    item(<Keyboard />, TEXT.keys, () => shell.setState({ keysOpen: true })),
    {
      kind: "check",
      content: TEXT.singleKeys,
      checked: singleKeys,
      onChange: (on) => shell.setState({ singleKeys: on }),
    },
    { kind: "line" },
    ...(session?.demo === true
      ? [item(<LogIn />, strings.signIn, () => location.assign(pagePath("/sign-in")))]
      : [...signedIn, item(<LogOut />, TEXT.signOut, () => void signOut())]),
  ]
  return (
    <LazyMenu
      trigger={
        <IconButton label={TEXT.label}>
          <MenuIcon />
        </IconButton>
      }
      entries={entries}
    />
  )
}

/** Marks the current theme. Rendered only while the menu is open, so it reads the theme as of then. */
function ThemeMark({ theme }: { theme: Theme }) {
  return readTheme() === theme ? "✓" : null
}

/** Ends the session and opens the Runs page, where the server asks for a token again. */
async function signOut(): Promise<void> {
  await fetch(pagePath("/api/sign-out"), { method: "POST" }).catch(() => undefined)
  location.assign(pagePath("/"))
}
