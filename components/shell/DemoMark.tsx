"use client"

import { Badge } from "@/components/ui/Badge"
import { useSession } from "@/lib/live/hooks/useConnection"

/** Says that what is on screen is a demo; nothing for who has signed in. */
export function DemoMark() {
  const session = useSession()
  if (session?.demo !== true) return null
  return <Badge title="Made-up agents, open to everybody; nothing can be changed here">demo</Badge>
}
