import { defineErrors } from '../platform/errors.ts'

/** What operators may be refused. */
export const operationsErrors = defineErrors('operations', {
  cursorInvalid: { status: 400, message: 'This cursor is not one of ours; start again without a cursor.' },
  jobNotFound: { status: 404, message: 'No work with this id was given up; look at the list again.' },
  jobReplaced: {
    status: 409,
    message: 'Newer work took the place of this; try again when that is done.',
  },
})
