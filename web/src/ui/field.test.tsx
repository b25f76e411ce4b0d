// @vitest-environment happy-dom
import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it } from 'vitest'
import { CheckField, TextField } from './field.tsx'

afterEach(cleanup)

const describedBy = (element: HTMLElement) =>
  (element.getAttribute('aria-describedby') ?? '')
    .split(' ')
    .map((id) => document.getElementById(id)?.textContent)

it('ties hint and error to a field, in the order in which they are read', () => {
  render(<TextField label="Name" hint="As others see it." error="Too long." />)
  const field = screen.getByLabelText('Name')
  expect(describedBy(field)).toEqual(['As others see it.', 'Too long.'])
  expect(field.getAttribute('aria-invalid')).toBe('true')
})

it('describes a box to tick by what there is to say, and by nothing otherwise', () => {
  const { container, rerender } = render(<CheckField label="Private" />)
  const box = screen.getByLabelText('Private')
  expect(box.hasAttribute('aria-describedby')).toBe(false)
  expect(container.querySelector('p')).toBeNull()
  rerender(<CheckField label="Private" hint="Who asks waits." />)
  expect(describedBy(box)).toEqual(['Who asks waits.'])
  rerender(<CheckField label="Private" hint="Who asks waits." error="Choose." />)
  expect(describedBy(box)).toEqual(['Choose.'])
  expect(box.getAttribute('aria-invalid')).toBe('true')
})
