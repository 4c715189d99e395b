import { ComparePage } from "@/components/compare/ComparePage"

export default function Page() {
  return <ComparePage />
}
