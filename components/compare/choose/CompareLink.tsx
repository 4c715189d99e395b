import { Columns2 } from "lucide-react"
import Link from "next/link"
import { compareHref } from "@/components/compare/compareAddress"
import { buttonClass } from "@/components/ui/Button"
import { Tooltip } from "@/components/ui/Tooltip"

/** From a run to its comparison with another one, which is chosen there. */
export function CompareLink({ runId }: { runId: string }) {
  return (
    <Tooltip label="Compare with …">
      <Link
        href={compareHref({ a: runId })}
        prefetch={false}
        aria-label="Compare with …"
        className={buttonClass("ghost", "w-row p-0! [&_svg]:size-4")}
      >
        <Columns2 />
      </Link>
    </Tooltip>
  )
}
