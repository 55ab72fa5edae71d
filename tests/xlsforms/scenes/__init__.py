"""A few communes, centres, villages and households whose figures a person can count on paper."""
