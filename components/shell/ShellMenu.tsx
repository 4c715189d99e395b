"use client"

import { Keyboard, LogIn, LogOut, Menu as MenuIcon, Monitor, Moon, Sun } from "lucide-react"
import { useStore } from "zustand"
import { IconButton } from "@/components/ui/IconButton"
import { Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from "@/components/ui/Menu"
import { useSession } from "@/lib/live/hooks/useConnection"
import { setSingleKeys, shell } from "./shellStore"
import { setTheme } from "./theme"

/** Ends the session on the server and shows the sign-in page, also when the server could not be reached. */
async function signOut(): Promise<void> {
  await fetch("/api/sign-out", { method: "POST" }).catch(() => undefined)
  location.assign("/")
}

export function ShellMenu() {
  const session = useSession()
  const singleKeys = useStore(shell, (state) => state.singleKeys)
  return (
    <Menu
      trigger={
        <IconButton label="Menu">
          <MenuIcon />
        </IconButton>
      }
    >
      <MenuLabel>Theme</MenuLabel>
      <MenuItem onSelect={() => setTheme("system")}>
        <Monitor /> As the system
      </MenuItem>
      <MenuItem onSelect={() => setTheme("light")}>
        <Sun /> Light
      </MenuItem>
      <MenuItem onSelect={() => setTheme("dark")}>
        <Moon /> Dark
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => shell.setState({ keys: true })} hint="?">
        <Keyboard /> Keys
      </MenuItem>
      <MenuCheck checked={singleKeys} onChange={setSingleKeys}>
        Single-letter keys
      </MenuCheck>
      <MenuLine />
      {session?.demo === true ? (
        <MenuItem onSelect={() => location.assign("/sign-in")}>
          <LogIn /> Sign in
        </MenuItem>
      ) : (
        <>
          {session === undefined ? null : <MenuLabel>Signed in as {session.name}</MenuLabel>}
          <MenuItem onSelect={signOut}>
            <LogOut /> Sign out
          </MenuItem>
        </>
      )}
    </Menu>
  )
}
