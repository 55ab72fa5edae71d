"""A made-up survey for trying the server out: invented people in real villages, the same every time.

Nobody in it lives or has lived; names are drawn from those usual among each people.
"""
