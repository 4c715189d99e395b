import { Columns2 } from "lucide-react"
import Link from "next/link"
import { compareHref } from "@/components/compare/compareAddress"
import { strings } from "@/components/compare/strings"
import { buttonClass } from "@/components/ui/Button"
import { Tooltip } from "@/components/ui/Tooltip"

/** Opens the comparison page with this run on side A. */
export function CompareLink({ runId }: { runId: string }) {
  return (
    <Tooltip label={strings.link}>
      <Link
        href={compareHref({ a: runId })}
        prefetch={false}
        aria-label={strings.link}
        className={buttonClass("ghost", "w-row p-0! [&_svg]:size-4")}
      >
        <Columns2 />
      </Link>
    </Tooltip>
  )
}
