import { describe, expect, it } from 'vitest';
import { TeamSize, type Way } from '../../../src/engine/wasm/team/teamSize';

/** What is chosen for so many pieces of work of a thousand operations, where each way has its speed (operations a millisecond) and all members wait long or not. */
function ways(size: TeamSize, count: number, speed: Readonly<Record<Way, number>>, sleeps: number): Way[] {
  return Array.from({ length: count }, () => {
    const way = size.next;
    size.measured(way, 1000, 1000 / speed[way], way === 'together' ? sleeps : 0);
    return way;
  });
}

const alone = (chosen: readonly Way[]): number => chosen.filter((way) => way === 'alone').length;

describe('the size of a team', () => {
  it('is all members while nobody waits long, without a trial', () => {
    expect(alone(ways(new TeamSize(), 100, { together: 100, alone: 900 }, 0))).toBe(0);
  });

  it('is the leader alone where members lose their processors and it is faster so', () => {
    const chosen = ways(new TeamSize(), 200, { together: 100, alone: 200 }, 5);
    expect(chosen.slice(0, 3)).toEqual(['together', 'alone', 'alone']);
    expect(alone(chosen)).toBeGreaterThan(180);
  });

  it('stays all members where they are faster in spite of long waits, and asks ever more rarely', () => {
    const chosen = ways(new TeamSize(), 500, { together: 200, alone: 100 }, 5);
    expect(alone(chosen)).toBeGreaterThan(1);
    expect(alone(chosen)).toBeLessThan(10);
  });

  it('is all members again soon after the processors are free', () => {
    const size = new TeamSize();
    ways(size, 20, { together: 100, alone: 200 }, 5);
    const chosen = ways(size, 100, { together: 200, alone: 100 }, 0);
    expect(chosen.slice(40)).not.toContain('alone');
  });

  it('does not stay with the leader alone for many long pieces because of one that was disturbed', () => {
    const size = new TeamSize();
    expect(ways(size, 1, { together: 1, alone: 2 }, 5)).toEqual(['together']);
    expect(ways(size, 6, { together: 4, alone: 2 }, 0)).toEqual(['alone', 'alone', 'together', 'together', 'together', 'together']);
  });
});
