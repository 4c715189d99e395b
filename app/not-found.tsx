import { EndPage } from "@/components/shell/EndPage"
import { buttonClass } from "@/components/ui/Button"

export default function NotFound() {
  return (
    <EndPage
      title="There is no such page"
      actions={
        <a href="/" className={buttonClass("solid")}>
          All runs
        </a>
      }
    >
      <p>The address may be mistyped, or from another version. Runs and their turns are where they were.</p>
    </EndPage>
  )
}
