import { describe, expect, it } from 'vitest';
import { ended, historyOf, record, redo, undo } from '../../src/shared/schedule-editor/history';

describe('history', () => {
  it('goes back and forth', () => {
    const three = record(record(historyOf(1), 2), 3);
    expect(undo(three).present).toBe(2);
    expect(undo(undo(three)).present).toBe(1);
    expect(redo(undo(undo(three))).present).toBe(2);
    expect(redo(redo(undo(undo(three)))).present).toBe(3);
  });

  it('stays where there is nothing to undo or redo', () => {
    const one = historyOf('a');
    expect(undo(one)).toBe(one);
    expect(redo(one)).toBe(one);
  });

  it('a new change forgets what was undone', () => {
    const changed = record(undo(record(historyOf(1), 2)), 5);
    expect(redo(changed).present).toBe(5);
    expect(undo(changed).present).toBe(1);
  });

  it('a gesture is one step back, the next gesture another', () => {
    const dragged = record(record(record(historyOf(0), 1, 'drag'), 2, 'drag'), 3, 'drag');
    expect(undo(dragged).present).toBe(0);
    const again = record(record(ended(dragged), 4, 'drag'), 5, 'drag');
    expect(undo(again).present).toBe(3);
    expect(undo(undo(again)).present).toBe(0);
  });

  it('an undone gesture is not continued', () => {
    const back = undo(record(record(historyOf(0), 1), 2, 'drag'));
    expect(undo(record(back, 9, 'drag')).present).toBe(1);
  });

  it('keeps at most 200 steps', () => {
    let history = historyOf(0);
    for (let value = 1; value <= 500; value++) history = record(history, value);
    expect(history.past).toHaveLength(200);
  });
});
