import { describe } from 'vitest';
import { journeysIn } from '../journeys/journeys';
import { chromium } from './harness/chromium-driver';

describe('In Chromium', () => journeysIn(chromium));
