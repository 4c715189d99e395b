"use client"

import { Keyboard, LogIn, LogOut, Menu as MenuIcon, Monitor, Moon, Sun } from "lucide-react"
import { useStore } from "zustand"
import { IconButton } from "@/components/ui/IconButton"
import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from "@/components/ui/Menu"
import { useSession } from "@/lib/live/hooks/useConnection"
import { shell } from "./shellStore"
import { strings } from "./strings"
import { setTheme } from "./theme"

const TEXT = strings.menu

/** Ends the session and shows the sign-in page, even if the server can't be reached. */
async function signOut(): Promise<void> {
  await fetch("/api/sign-out", { method: "POST" }).catch(() => undefined)
  location.assign("/")
}

/** Theme, keyboard shortcuts and sign-out. */
export function ShellMenu() {
  const session = useSession()
  const singleKeys = useStore(shell, (state) => state.singleKeys)
  return (
    <Menu
      trigger={
        <IconButton label={TEXT.label}>
          <MenuIcon />
        </IconButton>
      }
    >
      <MenuLabel>{TEXT.theme}</MenuLabel>
      <MenuItem onSelect={() => setTheme("system")}>
        <Monitor /> {TEXT.system}
      </MenuItem>
      <MenuItem onSelect={() => setTheme("light")}>
        <Sun /> {TEXT.light}
      </MenuItem>
      <MenuItem onSelect={() => setTheme("dark")}>
        <Moon /> {TEXT.dark}
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => shell.setState({ keysOpen: true })} hint="?">
        <Keyboard /> {TEXT.keys}
      </MenuItem>
      <MenuCheck checked={singleKeys} onChange={(on) => shell.setState({ singleKeys: on })}>
        {TEXT.singleKeys}
      </MenuCheck>
      <MenuLine />
      {session?.demo === true ? (
        <MenuItem onSelect={() => location.assign("/sign-in")}>
          <LogIn /> {strings.signIn}
        </MenuItem>
      ) : (
        <>
          {session === undefined ? null : <MenuLabel>{TEXT.signedInAs(session.name)}</MenuLabel>}
          <MenuItem onSelect={signOut}>
            <LogOut /> {TEXT.signOut}
          </MenuItem>
        </>
      )}
    </Menu>
  )
}
