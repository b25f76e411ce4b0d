import { DeadJobs } from '../../features/system/components/dead-jobs.tsx'
import { SystemFigures } from '../../features/system/components/system-figures.tsx'
import { AdminFrame } from './admin-frame.tsx'

/** How the server is doing. */
export function Page() {
  return (
    <AdminFrame title="System">
      <SystemFigures />
      <DeadJobs />
    </AdminFrame>
  )
}
