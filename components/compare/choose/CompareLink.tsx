import { Columns2 } from "lucide-react"
import Link from "next/link"
import { compareHref } from "@/components/compare/compareAddress"
import { strings } from "@/components/compare/strings"
import { buttonClass } from "@/components/ui/Button"

/** Opens the comparison page with this run on side A. */
export function CompareLink({ runId }: { runId: string }) {
  return (
    <Link
      href={compareHref({ a: runId })}
      prefetch={false}
      aria-label={strings.link}
      data-tooltip={strings.link}
      className={buttonClass("ghost", "w-row p-0! [&_svg]:size-4")}
    >
      <Columns2 />
    </Link>
  )
}
