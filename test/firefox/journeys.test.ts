import { describe } from 'vitest';
import { journeysIn } from '../journeys/journeys';
import { firefox } from './firefox';

describe('In Firefox', () => journeysIn(firefox));
