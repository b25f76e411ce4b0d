import { Empty } from '../../ui/states.tsx'

export function Page() {
  return <Empty title="This page is not built yet." />
}
