import { Controls } from './controls.tsx'
import { Data } from './data.tsx'
import { Foundations } from './foundations.tsx'

/** Every part of the design system in both themes. */
export default function Gallery() {
  return (
    <div className="grid gap-12">
      <Foundations />
      <Controls />
      <Data />
    </div>
  )
}
