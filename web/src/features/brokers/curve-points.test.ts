import { describe, expect, it } from 'vitest'
import { pointsOf, summaryOf } from './curve-points.ts'

const curve = {
  timestamps: ['2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z', '2026-01-03T00:00:00.000Z'],
  equity: ['100000.10', null, '99999.3'],
}

describe('an equity curve', () => {
  it('leaves out moments without a figure', () => {
    expect(pointsOf(curve).map(({ equity }) => equity)).toEqual(['100000.10', '99999.3'])
  })

  it('is told exactly', () => {
    expect(summaryOf(pointsOf(curve))).toMatchObject({
      change: '-0.8',
      lowest: { equity: '99999.3' },
      highest: { equity: '100000.10' },
    })
  })

  it('may be empty', () => {
    expect(summaryOf([])).toBeUndefined()
  })
})
